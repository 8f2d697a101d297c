// Bundles the designer into one module that a page, a notebook and the documentation load.
import { build } from "esbuild";

const out = process.argv[2] ?? "../src/glissando/designer/designer.js";

await build({
  entryPoints: ["src/index.js"],
  outfile: out,
  bundle: true,
  charset: "utf8",
  format: "esm",
  legalComments: "inline",
  loader: { ".css": "text" },
  minify: true,
  target: "es2022",
});
