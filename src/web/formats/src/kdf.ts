import { type Bytes, FormatError } from './bytes.ts';

/** Argon2id (RFC 9106) as a slot asks for it; docs/formats.md, "Password to keys". */
export interface KdfParameters { name: string; memoryKiB: number; passes: number; lanes: number; salt: Bytes }

const least = { memoryKiB: 65_536, passes: 3 };
// A bound on what a server may ask of a client; a gibibyte is beyond any phone.
const most = { memoryKiB: 1_048_576, passes: 64 };

export const defaultKdf = (salt: Bytes): KdfParameters => ({ name: 'argon2id', ...least, lanes: 1, salt });

/** Refuses weak parameters: it is the server that names them, and weak ones would make guessing cheap. */
export function checkKdf(kdf: KdfParameters): void {
  if (kdf.name !== 'argon2id') throw new FormatError(`The key derivation “${kdf.name}” is not known to this program; reload the page.`, true);
  const allowed = kdf.memoryKiB >= least.memoryKiB && kdf.memoryKiB <= most.memoryKiB
    && kdf.passes >= least.passes && kdf.passes <= most.passes && kdf.lanes === 1 && kdf.salt.length === 16;
  if (!allowed) throw new FormatError('The server asks for a key derivation that is weaker or costlier than this program allows.');
}

/** kdf u8 ‖ memory u32 ‖ passes u32 ‖ lanes u32. */
export function kdfBytes(kdf: KdfParameters): Bytes {
  const view = new DataView(new ArrayBuffer(13));
  view.setUint8(0, 1);
  view.setUint32(1, kdf.memoryKiB);
  view.setUint32(5, kdf.passes);
  view.setUint32(9, kdf.lanes);
  return new Uint8Array(view.buffer);
}
