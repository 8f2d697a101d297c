// Bundles the designer into one module that a page, a notebook and the documentation load.
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

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

/** What is bundled, under the licenses that stand in a file beside the module. */
const { dependencies } = JSON.parse(await readFile("package.json", "utf8"));
const packages = [...Object.keys(dependencies), "@preact/signals-core"];
const licenses = packages.map(async (name) => {
  const { version } = JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf8"));
  const text = await readFile(`node_modules/${name}/LICENSE`, "utf8");
  return `${name} ${version}\n\n${text.trim()}\n`;
});
await writeFile(join(dirname(out), "licenses.txt"), (await Promise.all(licenses)).join("\n\n"));

await build({
  banner: { js: `/* It holds ${packages.join(", ")}: see licenses.txt beside it. */` },
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
