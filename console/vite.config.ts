import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Where a development server of Dayline listens, and the key that the development proxy sends for you. */
const target = process.env.DAYLINE_DEV_URL ?? "http://127.0.0.1:8400";
const key = process.env.DAYLINE_DEV_KEY;

/** Write `.gz` and `.br` beside every built text file, so that the server compresses nothing while it answers. */
function compressed(): Plugin {
  return {
    name: "dayline-compressed",
    apply: "build",
    enforce: "post",
    generateBundle(_options, bundle) {
      for (const [name, part] of Object.entries(bundle)) {
        const source = part.type === "chunk" ? part.code : part.source;
        if (!/\.(js|css|svg|html)$/.test(name)) continue;
        const bytes = Buffer.from(source as string | Uint8Array);
        if (bytes.length < 1000) continue;
        this.emitFile({ type: "asset", fileName: `${name}.gz`, source: gzipSync(bytes, { level: 9 }) });
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
        this.emitFile({ type: "asset", fileName: `${name}.br`, source: brotliCompressSync(bytes, { params }) });
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
