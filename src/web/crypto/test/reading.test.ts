import { type Bytes, type MimeNode, type Summary, concat, fromUtf8, utf8 } from '@appliance/formats';
import { describe, expect, test } from 'vitest';
import type { OpenedBody } from '../src/body.ts';
import { rebuild } from '../src/body.ts';
import { decodeText, decodeTransfer, decodedSize } from '../src/decoding.ts';
import { unflow } from '../src/flowed.ts';
import { readAttachment, readMessage, readOriginal } from '../src/reading.ts';
import { Segments } from '../src/segments.ts';

const decode = (text: string, encoding: string) => fromUtf8(decodeTransfer(utf8(text), encoding));

describe('transfer encodings', () => {
  test('base64 with line breaks, other characters and a missing end', () => {
    expect(decode('SGVs\r\nbG8s\r\n !IHdvcmxk', 'base64')).toBe('Hello, world');
    expect(decode('SGVsbG8=', 'base64')).toBe('Hello');
    expect(decode('SGVsbG', 'base64')).toBe('Hell');
  });

  test('quoted-printable with soft breaks, lower case and stray equals signs', () => {
    expect(decode('Gr=C3=BC=c3=9fe=20=\r\nan=  \r\nalle 1=1 =\nx=', 'quoted-printable')).toBe('Grüße analle 1=1 x=');
  });

  test('every byte comes through both', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, value) => value);
    expect(decodeTransfer(utf8(Buffer.from(bytes).toString('base64')), 'base64')).toEqual(bytes);
    expect(decodeTransfer(utf8([...bytes].map(byte => `=${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('')), 'quoted-printable')).toEqual(bytes);
  });

  test.each([1, 2, 3, 56, 57, 58, 300_000])('the decoded size of %i bytes is told to within the padding', size => {
    const encoded = Buffer.alloc(size).toString('base64').replace(/.{76}(?=.)/g, '$&\r\n');
    const lines = encoded.split('\n').length;
    for (const length of [encoded.length, encoded.length + 2]) { // the last line may have an end
      const told = decodedSize({ encoding: 'base64', length, lines });
      expect(told - size).toBeGreaterThanOrEqual(0);
      expect(told - size).toBeLessThanOrEqual(2);
    }
  });
});

test('text is read in its charset, or in the likeliest when that one is unknown or wrong', () => {
  const latin = new Uint8Array([0xfc]);
  expect(decodeText(latin, 'iso-8859-1')).toBe('ü');
  expect(decodeText(latin, 'utf-8')).toBe('ü');
  expect(decodeText(latin, 'x-unknown')).toBe('ü');
  expect(decodeText(utf8('ü'), 'us-ascii')).toBe('ü');
  expect(decodeText(utf8('ü'), undefined)).toBe('ü');
});

test('flowed text flows, quotes stay apart, a signature begins a line', () => {
  const flowed = 'one \r\ntwo\r\n> quoted \r\n> on\r\n From here\r\nend \r\n-- \r\nAnn';
  expect(unflow(flowed, { format: 'Flowed' })).toBe('one two\n> quoted on\nFrom here\nend \n-- \nAnn');
  expect(unflow('lang \r\nwort', { format: 'flowed', delsp: 'yes' })).toBe('langwort');
  expect(unflow(flowed, {})).toBe(flowed.replaceAll('\r\n', '\n'));
});

/** Removed pieces in order of offset; what is left is cut into segments wherever `cuts` says. */
function message(text: string, mime: MimeNode, cuts: number[] = [], removed: Summary['removed'] = []) {
  const received = utf8(text);
  const isRemoved = (at: number) => removed.some(piece => at >= piece.offset && at < piece.offset + piece.bytes.length);
  const remaining = received.filter((_, at) => !isRemoved(at));
  const edges = [0, ...cuts, remaining.length];
  const pieces: Bytes[] = [utf8('Received: from x\r\n\tby y\r\n'), ...edges.slice(1).map((edge, index) => remaining.slice(edges[index], edge))];
  const headerLength = text.indexOf('\r\n\r\n') + 4;
  const summary = { mime, headerLength, size: received.length, removed, manifest: pieces.map((piece, index) => ({ index, length: piece.length })) } as unknown as Summary;
  const fetched: number[] = [];
  // The seal is none of this test's business: parts open to themselves.
  const body = { summary, openSegment: (_: number, sealed: Bytes) => Promise.resolve(sealed) } as unknown as OpenedBody;
  const segments = new Segments(body, index => {
    fetched.push(index);
    return Promise.resolve(pieces[index] ?? new Uint8Array());
  });
  return { received, body, segments, fetched };
}

/** A node whose body is `content`, found in the text. */
function node(text: string, type: string, content: string, rest: Partial<MimeNode> = {}): MimeNode {
  return { type, parameters: {}, headerOffset: 0, offset: text.indexOf(content), length: content.length, lines: 1, encoding: '7bit', language: [], children: [], ...rest };
}

describe('a message', () => {
  const text = 'Subject: a\r\n b\r\nX-Old: gone\r\nTo: c\r\n\r\nPLAIN|<p>HTML <img src="cid:logo@x"></p>|LOGO|OTHER-PICTURE|ATTACHED|FOOTER|SECOND';
  const alternative = node(text, 'multipart/alternative', 'PLAIN|<p>', { children: [node(text, 'text/plain', 'PLAIN'), node(text, 'text/html', '<p>HTML <img src="cid:logo@x"></p>')] });
  const related = node(text, 'multipart/related', 'PLAIN', {
    children: [alternative, node(text, 'image/png', 'LOGO', { contentId: 'logo@x' }), node(text, 'image/png', 'OTHER-PICTURE', { contentId: 'unused@x' })],
  });
  const attached = node(text, 'application/pdf', 'ATTACHED', { disposition: 'attachment', fileName: '../a\\b.pdf' });
  const mixed = node(text, 'multipart/mixed', 'PLAIN', { children: [related, attached, node(text, 'text/plain', 'FOOTER')] });

  test('shows text and HTML, pictures the HTML names, and lists the rest as attachments', async () => {
    const { body, segments } = message(text, mixed);
    const read = await readMessage(body, segments, null);
    expect(read.text).toBe('PLAIN\n\nFOOTER');
    expect(read.html).toBe('<p>HTML <img src="cid:logo@x"></p><hr><pre style="white-space: pre-wrap">FOOTER</pre>');
    expect(read.inline).toEqual([{ contentId: 'logo@x', type: 'image/png', bytes: utf8('LOGO') }]);
    expect(read.attachments).toEqual([
      { partIndex: 3, name: 'part-4.png', type: 'image/png', size: 13 },
      { partIndex: 4, name: '../a\\b.pdf', type: 'application/pdf', size: 8 },
    ]);
    expect(read.headers).toEqual([
      { name: 'Received', value: 'from x by y', ours: true },
      { name: 'Subject', value: 'a b', ours: false },
      { name: 'X-Old', value: 'gone', ours: false },
      { name: 'To', value: 'c', ours: false },
    ]);
    expect(await (await readAttachment(body, segments, 4)).text()).toBe('ATTACHED');
  });

  test.each([['text/html', 'application/octet-stream'], ['image/svg+xml', 'application/octet-stream'], ['image/png', 'image/png']])('an attachment of %s becomes a blob of %s', async (type, blobType) => {
    const { body, segments } = message(text, node(text, type, 'ATTACHED', { disposition: 'attachment' }));
    expect((await readAttachment(body, segments, 0)).type).toBe(blobType);
  });

  test('fetches no segment that holds only an attachment, and each other one once', async () => {
    const start = text.indexOf('ATTACHED');
    const { body, segments, fetched } = message(text, mixed, [start, start + 4, start + 8]);
    await readMessage(body, segments, null);
    expect(fetched.toSorted()).toEqual([0, 1, 4]);
    const progress: number[][] = [];
    expect(await (await readAttachment(body, segments, 4, (...at) => progress.push(at))).text()).toBe('ATTACHED');
    expect(progress).toEqual([[4, 8], [8, 8]]);
    expect(fetched.toSorted()).toEqual([0, 1, 2, 3, 4]);
  });

  test('knows the size of an attachment that came with the text to the byte, and of another nearly', async () => {
    const text = 'Subject: a\r\n\r\nPLAIN|aGk=\r\n|A=3D=\r\nB|';
    const parts = [node(text, 'text/plain', 'PLAIN'), ...[['base64', 'aGk=\r\n'], ['quoted-printable', 'A=3D=\r\nB']].map(([encoding = '', content = '']) => node(text, 'text/csv', content, { encoding, disposition: 'attachment' }))];
    const mixed = node(text, 'multipart/mixed', 'PLAIN', { children: parts });
    const sizes = async (cuts?: number[]) => {
      const { body, segments } = message(text, mixed, cuts);
      return (await readMessage(body, segments, null)).attachments.map(({ size }) => size);
    };
    expect(await sizes()).toEqual([2, 3]);
    expect(await sizes([text.indexOf('aGk'), text.indexOf('|A=')])).toEqual([3, 8]);
  });

  test('of many long texts shows what fits together, and the others are attachments', async () => {
    const half = 'x'.repeat(2 * 1024 * 1024 - 8);
    const text = `Subject: a\r\n\r\n${half}|<p>HTML</p>|END`;
    const long = (type: string) => node(text, type, half);
    const parts = [long('text/plain'), long('text/plain'), long('text/html'), node(text, 'text/plain', 'END')];
    const { body, segments } = message(text, parts[0] as MimeNode);
    const read = async (children: MimeNode[]) => {
      body.summary.mime = node(text, 'multipart/mixed', half, { children });
      const { text: plain, html, isCut, attachments } = await readMessage(body, segments, null);
      return { text: plain?.length, html: html?.length, isCut, attachments: attachments.map(({ partIndex }) => partIndex) };
    };
    const pre = '<pre style="white-space: pre-wrap"></pre>'.length;
    expect(await read(parts)).toEqual({ text: 2 * half.length + 7, html: undefined, isCut: true, attachments: [2] });
    expect(await read([long('text/html'), ...parts])).toEqual({ text: 2 * half.length + 7, html: 2 * half.length + 3 + 8 + 2 * pre, isCut: true, attachments: [2, 3] });
    expect(await read(Array.from({ length: 20 }, () => long('text/plain')))).toMatchObject({ text: 2 * half.length + 2, isCut: true });
    expect(await read([long('text/plain'), node(text, 'text/html', '<p>HTML</p>')])).toMatchObject({ isCut: false, attachments: [] });
  });

  test('keeps its offsets when fields were removed on arrival, and its original is as it came', async () => {
    const removed = [{ offset: text.indexOf('X-Old'), bytes: utf8('X-Old: gone\r\n') }];
    const { body, segments, received } = message(text, mixed, [text.indexOf('PLAIN') - 13 - 2], removed);
    const read = await readMessage(body, segments, null);
    expect(read.text).toBe('PLAIN\n\nFOOTER');
    expect(read.headers.map(({ name }) => name)).toEqual(['Received', 'Subject', 'To']);
    expect(new Uint8Array(await (await readOriginal(body, segments)).arrayBuffer())).toEqual(concat(await segments.segment(0), received));
  });

  test('of one part is that part, and one that cannot be shown is an attachment', async () => {
    const plain = message(text, node(text, 'text/plain', 'PLAIN'));
    expect(await readMessage(plain.body, plain.segments, null)).toMatchObject({ text: 'PLAIN', html: null, attachments: [] });
    const embedded = message(text, node(text, 'message/rfc822', 'SECOND', { children: [node(text, 'text/plain', 'SECOND')], envelope: { subject: 'Re: x/y' } as MimeNode['envelope'] }));
    expect(await readMessage(embedded.body, embedded.segments, null)).toMatchObject({ text: null, html: null, attachments: [{ partIndex: 0, name: 'Re: x_y.eml' }] });
    await expect(readAttachment(embedded.body, embedded.segments, 1)).rejects.toThrow();
  });
});

test('removed fields that do not fit are refused', () => {
  const removed = [{ offset: 3, bytes: utf8('xx') }];
  expect(fromUtf8(rebuild(utf8('abcd'), removed))).toBe('abcxxd');
  expect(() => rebuild(utf8('ab'), removed)).toThrow();
  expect(() => rebuild(utf8('abcd'), [...removed, { offset: 4, bytes: utf8('y') }])).toThrow();
});

describe('segments of a long part', () => {
  const manifest = Array.from({ length: 7 }, (_, index) => ({ index, offset: index < 2 ? (index === 1 ? 0 : null) : (index - 1) * 2, length: index === 0 ? 1 : 2, sha256: '', sealedSha256: '' }));
  const body = { summary: { manifest, removed: [], size: 12 }, openSegment: (_: number, sealed: Bytes) => Promise.resolve(sealed) } as unknown as OpenedBody;

  test('come four at a time, in order, each once', async () => {
    const waiting = new Map<number, () => void>();
    const asked: number[] = [];
    const segments = new Segments(body, index => {
      asked.push(index);
      return new Promise(resolve => waiting.set(index, () => resolve(Uint8Array.of(index, index))));
    });
    const answer = async (index: number) => {
      waiting.get(index)?.();
      await new Promise(done => setTimeout(done));
    };
    const progress: number[] = [];

    const read = segments.range(0, 12, done => progress.push(done));
    expect(asked).toEqual([1, 2, 3, 4]);
    await answer(3);
    expect(asked).toHaveLength(4);
    await answer(1);
    expect(asked).toHaveLength(5);
    for (const index of [2, 4, 5, 6]) await answer(index);

    expect([...(await read)]).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]);
    expect(progress).toEqual([2, 4, 6, 8, 10, 12]);
    expect(asked).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('one that fails is told, and nothing else complains', async () => {
    const segments = new Segments(body, async index => {
      if (index === 3) throw new Error('gone');
      await new Promise(done => setTimeout(done)); // nobody waits for the third yet when it fails
      return Uint8Array.of(index, index);
    });
    await expect(segments.range(0, 12)).rejects.toThrow('gone');
  });
});
