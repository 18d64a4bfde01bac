import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Where a development server of Dayline listens, and the key that the development proxy sends for you. */
const target = process.env.DAYLINE_DEV_URL ?? "http://127.0.0.1:8400";
const key = process.env.DAYLINE_DEV_KEY;
const LEAST_BYTES = 1000;

/** Write `.gz` and `.br` beside every built text file, so that the server compresses nothing while it answers. */
function compressed(): Plugin {
  return {
    name: "dayline-compressed",
    apply: "build",
    enforce: "post",
    // After everything is written: other plugins still change the files while the bundle is made.
    writeBundle(options) {
      const folder = options.dir ?? ".";
      for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        if (!/\.(js|css|svg|html)$/.test(name)) continue;
        const path = join(folder, name);
        const bytes = readFileSync(path);
        if (bytes.length < LEAST_BYTES) continue;
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
        writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
      }
    },
  };
}

export default defineConfig({
  base: "/console/",
  plugins: [react(), compressed()],
  build: {
    outDir: "../src/dayline/web/static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    // What loads what, for the test of the budgets.
    manifest: true,
    modulePreload: { polyfill: false },
    target: "es2022",
  },
  server: {
    proxy: {
      "/v1": { target, headers: key ? { Authorization: `Bearer ${key}` } : {} },
      "/docs": { target },
    },
  },
});
