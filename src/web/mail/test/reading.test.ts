import { expect, test } from 'vitest';
import { inTwo, safeFileName } from '../src/reader/download.ts';
import { findLinks } from '../src/reader/links.ts';

test.each([
  ['report.pdf', 'report.pdf'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\Users\\ann\\notes.txt', 'notes.txt'],
  ['CON.txt', '_CON.txt'],
  ['con .tar.gz', '_con .tar.gz'],
  ['LPT¹', '_LPT¹'],
  ['CONIN$.log', '_CONIN$.log'],
  ['console.log', 'console.log'],
  ['report.exe. . .', 'report.exe'],
  ['. .hidden', 'hidden'],
  ['photo.jpg\u2800\u3164.exe', 'photo.jpg.exe'],
  ['a\u2028/b.txt', 'b.txt'],
  ['in\u202efdp.exe', 'infdp.exe'],
  ['what?*.txt', 'what__.txt'],
  ['..', 'fallback'],
  ['', 'fallback'],
  ['报告.pdf', '报告.pdf'],
])('the file name %j is saved as %j', (name, saved) => {
  expect(safeFileName(name, 'fallback')).toBe(saved);
});

test('a long name keeps its extension', () => {
  expect(safeFileName(`${'x'.repeat(300)}.docx`, '')).toMatch(/^x{115}\.docx$/);
  expect(safeFileName(`${'x'.repeat(100)}${' .'.repeat(50)}yyyyyyyyyyyyyyy`, '')).toBe('x'.repeat(100));
  expect(safeFileName(`x${'🙂'.repeat(100)}`, '')).toBe(`x${'🙂'.repeat(59)}`);
});

test('a name of very many spaces is read before the test is given up', () => {
  const spaces = ' '.repeat(700_000);
  expect(safeFileName(`a${spaces}b.pdf`, '')).toBe('a.pdf');
});

test.each([
  ['report.pdf', 'report', '.pdf'],
  ['invoice.pdf.exe', 'invoice.pdf', '.exe'],
  ['报告.pdf', '报告', '.pdf'],
  ['.profile', '.profile', ''],
  ['minutes', 'minutes', ''],
  ['see p. 3 of it', 'see p. 3 of it', ''],
])('the name %j is %j and %j', (name, stem, extension) => {
  expect(inTwo(name)).toEqual({ stem, extension });
});

test.each([
  ['see https://a.example/x.', ['https://a.example/x']],
  ['(https://a.example/y_(z))', ['https://a.example/y_(z)']],
  ['write to ann@home.example, please', ['mailto:ann@home.example']],
  ['javascript:alert(1) and data:text/html,x', []],
  ['看 https://a.example/页面。谢谢', ['https://a.example/页面']],
])('the links of %j are %j', (text, links) => {
  const pieces = findLinks(text);
  expect(pieces.flatMap(piece => ('href' in piece ? [piece.href] : []))).toEqual(links);
  expect(pieces.map(piece => piece.text).join('')).toBe(text);
});

test.each([
  ['https://a.example/x', null], ['http://127.0.0.1:8080/', null], ['https://b\u00fccher.example/', null], ['https://\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444/', null], ['https://\u4f8b\u5b50.example', null], ['https://xn--pple-43d.com', null],
  ['https://\u0430pple.com/', 'xn--pple-43d.com'], ['https://\u0430\u0440\u0440.com/', 'xn--80a6aa.com'], ['https://bank.example@evil.example/', 'evil.example'], ['https://bank.example:x@evil.example:444', 'evil.example:444'],
  ['https://\u24d1ank.example/', 'bank.example'],
])('beside %s stands where it leads: %s', (link, host) => {
  expect(findLinks(link).flatMap(piece => 'href' in piece ? [piece.host] : [])).toEqual([host]);
});

test('a link with very many brackets behind it is read before the test is given up', () => {
  const [link] = findLinks(`(https://a.example/y_(z)${')'.repeat(100_000)}`).flatMap(piece => 'href' in piece ? [piece.href] : []);
  expect(link).toBe('https://a.example/y_(z)');
});
