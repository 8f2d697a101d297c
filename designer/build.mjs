// Bundles the designer into one module that a page, a notebook and the documentation load.
import { readFile } from "node:fs/promises";

import { build, transform } from "esbuild";

const out = process.argv[2] ?? "../src/glissando/designer/designer.js";

/** Style sheets are texts, without spaces. */
const styles = {
  name: "styles",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const { code } = await transform(text, { loader: "css", minify: true });
      return { contents: code, loader: "text" };
    });
  },
};

await build({
  entryPoints: ["src/index.js"],
  outfile: out,
  bundle: true,
  charset: "utf8",
  format: "esm",
  legalComments: "inline",
  minify: true,
  plugins: [styles],
  target: "es2022",
});
