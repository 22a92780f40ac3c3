import { describe, expect, test } from 'vitest';
import {
  FormatError, checkKdf, fromBase64, fromHex, idFromBytes, idToBytes, kdfBytes, newId, readSlip, readSummary, toBase64, toHex, utf8,
} from '../src/index.ts';
import { vectors } from './vectors.ts';

describe('ids', () => {
  const ids = vectors<{ good: { bytes: string; text: string }[]; refused: string[] }>('ids');

  test.each(ids.good)('writes and reads $text', ({ bytes, text }) => {
    expect(idFromBytes(fromHex(bytes))).toBe(text);
    expect(toHex(idToBytes(text))).toBe(bytes);
  });

  test.each(ids.refused)('refuses “%s”', text => {
    expect(() => idToBytes(text)).toThrow(FormatError);
  });

  test('are new each time', () => {
    expect(newId()).not.toBe(newId());
    expect(idFromBytes(idToBytes(newId()))).toHaveLength(26);
  });
});

describe('key derivation parameters', () => {
  interface Kdf { name?: string; memoryKiB: number; passes: number; lanes: number; salt: string; parameters: string; why: string }
  const kdf = vectors<{ good: Kdf[]; refused: Kdf[] }>('kdf');
  const read = (vector: Kdf) => ({ ...vector, name: vector.name ?? 'argon2id', salt: fromHex(vector.salt) });

  test('are thirteen bytes', () => {
    for (const good of kdf.good) {
      checkKdf(read(good));
      expect(toHex(kdfBytes(read(good)))).toBe(good.parameters);
    }
  });

  test.each(kdf.refused)('are refused: $why', vector => {
    expect(() => checkKdf(read(vector))).toThrow(FormatError);
  });
});

describe('sealed JSON', () => {
  const { json } = vectors<{ json: { why: string; kind: string; text: string }[] }>('refused');
  const messages = vectors<{ messages: { openedSummary: string; openedSlip: string }[] }>('messages').messages;

  test.each(messages)('keeps everything a summary and a slip say', ({ openedSummary, openedSlip }) => {
    const written = (value: object) => JSON.parse(JSON.stringify(value, (_, field: unknown) => field instanceof Uint8Array ? toBase64(field) : field)) as unknown;
    const withoutNulls = (text: string) => JSON.parse(text, (key, field: unknown) => field === null && key !== 'offset' ? undefined : field) as unknown;
    const expected = withoutNulls(openedSummary) as { manifest: { offset?: number }[]; verdict: { dkim?: object[] } };
    expected.verdict.dkim ??= [];
    for (const entry of expected.manifest) entry.offset ??= null as unknown as number;
    expect(written(readSummary(utf8(openedSummary)))).toEqual(expected);
    expect(written(readSlip(utf8(openedSlip)))).toEqual(withoutNulls(openedSlip));
  });

  test.each(json)('refuses a $kind: $why', ({ kind, text }) => {
    const read = kind === 'slip' ? readSlip : readSummary;
    expect(() => read(utf8(text))).toThrow(FormatError);
  });

  test('says when only the version is unknown', () => {
    expect(() => readSlip(utf8('{"v":2}'))).toThrow(expect.objectContaining({ version: true }));
    expect(() => readSlip(utf8('{}'))).toThrow(expect.objectContaining({ version: false }));
  });
});

test('base64 is strict, and hexadecimal lower-case', () => {
  expect(fromBase64(toBase64(fromHex('00ff10')))).toEqual(fromHex('00ff10'));
  for (const text of ['AA', 'AA=A', 'A-_A', ' AAA']) expect(() => fromBase64(text)).toThrow(FormatError);
  for (const text of ['A0', 'abc', 'g0']) expect(() => fromHex(text)).toThrow(FormatError);
});
