import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import type { Plugin } from 'vite';

const compress = promisify(brotliCompress);
const compressible = /\.(?:js|css|html|svg|wasm|json|webmanifest)$/;

/** Puts a `.br` next to each asset it makes smaller, so that the server only picks one. */
export function brotli(): Plugin {
  return {
    name: 'brotli',
    apply: 'build',
    generateBundle: {
      order: 'post',
      async handler(_, bundle) {
        await Promise.all(Object.values(bundle).map(async file => {
          if (!compressible.test(file.fileName)) return;
          const bytes = Buffer.from(file.type === 'chunk' ? file.code : file.source);
          const source = await compress(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
          if (source.length < bytes.length) this.emitFile({ type: 'asset', fileName: `${file.fileName}.br`, source });
        }));
      },
    },
  };
}
