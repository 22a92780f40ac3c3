import { type Bytes, FormatError, concat, fromHex, randomBytes, toHex, utf8 } from '@appliance/formats';
import { sha256 } from './sealing.ts';

/** The client of SRP-6a (RFC 5054, 3072 bits); docs/formats.md, "Sign-in". Neither side learns the password; each proves itself to the other. */
const N = BigInt('0xffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437'
  + '4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf05'
  + '98da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b'
  + 'e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa051015728e5a8aaac42dad33170d04507a33'
  + 'a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864'
  + 'd87602733ec86a64521f2b18177b200cbbe117577a615d6c770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff');
const g = 5n;

export interface SrpAnswer { clientPublic: string; clientProof: string; isServerProved: (serverProof: string) => boolean }

export async function verifier(accountId: string, salt: Bytes, key: Bytes): Promise<string> {
  return power(g, await privateKey(accountId, salt, key)).toString(16);
}

/** A and M1 for the server's B, which is refused when it is ≡ 0 mod N. */
export async function answer(accountId: string, salt: Bytes, key: Bytes, serverPublic: string, a = number(randomBytes(32))): Promise<SrpAnswer> {
  if (!/^[0-9a-f]{1,768}$/.test(serverPublic)) throw invalid();
  const B = BigInt(`0x${serverPublic}`);
  const A = power(g, a);
  const u = number(await sha256(concat(pad(A), pad(B))));
  if (B % N === 0n || u === 0n) throw invalid();
  const k = number(await sha256(concat(pad(N), pad(g))));
  const x = await privateKey(accountId, salt, key);
  // S = (B - k·g^x) ^ (a + u·x); N is added first because % keeps the sign
  const S = power((B % N + (N - k * power(g, x) % N)) % N, a + u * x);
  const M1 = number(await sha256(concat(pad(A), pad(B), pad(S))));
  const M2 = number(await sha256(concat(pad(A), pad(M1), pad(S))));
  return { clientPublic: A.toString(16), clientProof: M1.toString(16), isServerProved: serverProof => serverProof === M2.toString(16) };
}

async function privateKey(accountId: string, salt: Bytes, key: Bytes): Promise<bigint> {
  return number(await sha256(concat(salt, await sha256(concat(utf8(`${accountId}:`), key)))));
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base % N; exponent > 0n; exponent >>= 1n, square = square * square % N)
    if (exponent & 1n) result = result * square % N;
  return result;
}

const number = (bytes: Bytes): bigint => BigInt(`0x${toHex(bytes)}`);

const pad = (value: bigint): Bytes => fromHex(value.toString(16).padStart(768, '0'));

const invalid = (): FormatError =>
  new FormatError('The server’s sign-in value is not valid. Do not enter your password there again until its operator has explained why.');
