import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress } from 'node:zlib';
import type { Plugin } from 'vite';

const compress = promisify(brotliCompress);
const compressible = /\.(?:js|css|html|svg|wasm|json|webmanifest)$/;

/** Puts a `.br` next to every file it makes smaller, so that the server only picks one. */
export function brotli(): Plugin {
  return {
    name: 'brotli',
    apply: 'build',
    // After everything is written, because the bundle has neither the files of `public` nor the chunks of workers.
    async closeBundle() {
      const folder = join(import.meta.dirname, '../dist');
      const entries = await readdir(folder, { recursive: true });
      await Promise.all(entries.filter(entry => compressible.test(entry)).map(async entry => {
        const bytes = await readFile(join(folder, entry));
        const compressed = await compress(bytes);
        if (compressed.length < bytes.length) await writeFile(join(folder, `${entry}.br`), compressed);
      }));
    },
  };
}
