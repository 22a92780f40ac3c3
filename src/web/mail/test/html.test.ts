// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { frameDocument } from '../src/reader/html.ts';

function shown(html: string): Document {
  const made = frameDocument(html, []);
  if (!made) throw new Error('Nothing came out.');
  return new DOMParser().parseFromString(made.srcdoc, 'text/html');
}

test.each([
  ['table', 'align', 'center'], ['table', 'bgcolor', '#ffcc00'], ['table', 'border', '1'], ['table', 'cellpadding', '8'], ['table', 'cellspacing', '0'],
  ['table', 'dir', 'rtl'], ['table', 'height', '40'], ['table', 'width', '600'], ['table', 'width', '100%'], ['table', 'lang', 'ja'],
])('<%s %s="%s"> stays', (tag, name, value) => {
  expect(shown(`<${tag} ${name}="${value}"><tr><td>x</td></tr></${tag}>`).querySelector(tag)?.getAttribute(name)).toBe(value);
});

test.each([
  ['td', 'colspan', '2'], ['td', 'rowspan', '3'], ['td', 'valign', 'top'], ['td', 'nowrap', 'nowrap'], ['td', 'bgcolor', 'red'], ['th', 'scope', 'col'], ['col', 'span', '2'],
])('in a table, <%s %s="%s"> stays', (tag, name, value) => {
  const cell = `<${tag} ${name}="${value}">x`;
  expect(shown(`<table>${tag === 'col' ? cell : `<tr>${cell}`}</table>`).querySelector(tag)?.getAttribute(name)).toBe(value);
});

test.each([
  ['font', 'color', 'blue'], ['font', 'size', '+2'], ['font', 'face', 'Georgia, serif'], ['ol', 'start', '5'], ['ol', 'type', 'a'], ['ol', 'reversed', 'reversed'],
  ['hr', 'noshade', 'noshade'], ['hr', 'size', '3'], ['br', 'clear', 'all'], ['p', 'align', 'right'], ['p', 'hidden', 'hidden'], ['img', 'width', '24'], ['img', 'border', '0'],
])('<%s %s="%s"> stays', (tag, name, value) => {
  expect(shown(`<${tag} ${name}="${value}">`).querySelector(tag)?.getAttribute(name)).toBe(value);
});

const urlAttributes = [
  'src', 'href', 'background', 'poster', 'srcset', 'action', 'formaction', 'xlink:href', 'data', 'cite', 'longdesc', 'usemap', 'lowsrc', 'dynsrc', 'ping', 'manifest',
  'codebase', 'classid', 'archive', 'profile', 'icon', 'imagesrcset', 'itemid', 'srcdoc', 'xml:base',
];
const tags = ['a', 'area', 'img', 'p', 'table', 'td', 'blockquote', 'q', 'body', 'svg', 'image', 'use', 'iframe', 'object', 'embed', 'video', 'source', 'base', 'link', 'form', 'button', 'input'];
const hostile = [
  'javascript:alert(1)', ' JaVaScRiPt:alert(1)', 'java\tscript:alert(1)', 'java\u0000script:alert(1)', '&#106;avascript:alert(1)', 'vbscript:x', 'data:text/html,<b>', 'data:text/html;base64,PGI+',
  'data:application/xhtml+xml,x', 'file:///etc/passwd', 'blob:https://x.example/1', 'ftp://x.example/', 'ws://x.example/', 'about:blank', 'view-source:https://x.example', '//x.example/y', '/y', 'y.png', '\\\\x.example\\y',
  'cid:nobody', '600', 'top',
];

test.each(urlAttributes)('no element has a strange %s', name => {
  for (const value of hostile) {
    const inside = tags.map(tag => `<${tag} ${name}="${value}" width="${value}" title="kept">x</${tag}>`).join('');
    const page = shown(`<body ${name}="${value}">${inside}<table ${name}="${value}"><tr ${name}="${value}"><td ${name}="${value}">${inside}`);
    // A picture's href means nothing to a browser.
    const kept = [...page.querySelectorAll('body, body *')].filter(element => element.hasAttribute(name) && !(name === 'href' && element.nodeName === 'IMG'));
    expect(kept.map(element => element.outerHTML), value).toEqual([]);
  }
});

test.each(['src', 'background', 'poster', 'srcset', 'lowsrc', 'dynsrc', 'xlink:href', 'longdesc', 'cite'])('%s loads nothing from outside', name => {
  for (const tag of ['img', 'table', 'a', 'blockquote']) {
    for (const url of ['https://x.example/y.png', 'http://x.example/y.png', 'mailto:x@x.example', 'tel:1'])
      expect(shown(`<${tag} ${name}="${url}" width="1">`).querySelector('body')?.innerHTML, `${tag} ${url}`).not.toContain('x.example');
  }
});

test('only a link leads elsewhere, in a page of its own', () => {
  const link = shown('<a href="https://x.example/" target="_top" width="2">x</a>').querySelector('a');
  expect([link?.getAttribute('href'), link?.getAttribute('target'), link?.getAttribute('rel')]).toEqual(['https://x.example/', '_blank', 'noopener noreferrer']);
});

test('under the pointer a link says where it leads, whatever the sender would have it say', () => {
  const page = shown('<a href="https://\u0430pple.example/x" title="https://apple.example/"><b title="https://apple.example/">apple</b></a><p title="kept">x');
  expect([...page.querySelectorAll('[title]')].map(element => element.getAttribute('title'))).toEqual(['https://xn--pple-43d.example/x', 'kept']);
});

test('no name in a link is looked up before it is followed', () => {
  const controls = [...shown('<meta http-equiv="x-dns-prefetch-control" content="on"><link rel="dns-prefetch" href="//x.example"><a href="https://x.example/">x</a>').querySelectorAll('meta[http-equiv=x-dns-prefetch-control], link')];
  expect(controls.map(control => control.getAttribute('content'))).toEqual(['off']);
});

test.each([
  '<svg><style><img src=x onerror=alert(1)></style></svg>', '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>', '<base href="https://x.example/">', '<meta http-equiv="refresh" content="0;url=https://x.example/">',
  '<iframe srcdoc="x"></iframe>', '<object data="https://x.example/"></object>', '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
])('of %s nothing is left that acts', html => {
  const page = shown(`${html}<p>x`);
  expect(page.querySelectorAll('svg, math, base, iframe, object, meta[http-equiv=refresh], [onerror], script').length).toBe(0);
  expect(page.head.firstElementChild?.getAttribute('http-equiv')).toBe('Content-Security-Policy');
});

test.each([
  '"><img src=x onerror=alert(1)>', '\'"`><script>alert(1)</script>', '</td></table><script>alert(1)</script>', '1" onload="alert(1)', '--><script>alert(1)</script>', '</style><script>alert(1)</script>',
])('a size that would be more is no more than an attribute: %s', value => {
  const quoted = value.replaceAll('"', '&quot;');
  const page = shown(`<table width="${quoted}" bgcolor="${quoted}" align="${quoted}"><tr><td colspan="${quoted}"><font face="${quoted}" color="${quoted}">x</font></td></tr></table>`);
  expect(page.querySelectorAll('script, img, [onerror], [onload]').length).toBe(0);
  expect(page.querySelector('td')?.textContent).toBe('x');
});

const styled = (css: string): string => [...shown(`<head><style>${css}</style></head><body>x`).querySelectorAll('style')].at(-1)?.textContent ?? '';

test.each([
  ['@media (prefers-color-scheme: dark) { body { color: #fff } }', '@media (max-width:0) { body { color: #fff } }'],
  ['@media screen and (Prefers-Color-Scheme:DARK){@supports (color:red){p{color:#fff}}}p{margin:0}', '@media screen and (max-width:0){@supports (color:red){p{color:#fff}}}p{margin:0}'],
  ['@media ( prefers-color-scheme : dark ){}', '@media (max-width:0){}'],
  ['@media not (prefers-color-scheme: dark){}', '@media not (max-width:0){}'],
  ['@media (prefers-color-scheme: light){}', '@media (min-width:0){}'],
  ['@media (max-width: 600px){p{color:red}}', '@media (max-width: 600px){p{color:red}}'],
])('on a page that is white, %s is %s', (css, expected) => {
  expect(styled(css)).toBe(expected);
});

test('a whole style sheet for the dark or for paper says so', () => {
  const media = [...shown('<head><style media="(prefers-color-scheme: dark)">p{color:#fff}</style><style media="print">p{color:#000}</style></head><body>x').querySelectorAll('style[media]')];
  expect(media.map(style => style.getAttribute('media'))).toEqual(['(max-width:0)', 'print']);
});

test.each([
  '<html lang="en"><body>x', '<html xmlns="http://www.w3.org/1999/xhtml" dir="rtl" style="margin:0"><head><title>a</title></head><body>x', '<!DOCTYPE html><html class="a" title="&quot;><head>"><body>x',
])('a page whose first element has attributes is shown, under the frame’s policy: %s', html => {
  const page = shown(html);
  expect(page.querySelector('body')?.textContent).toBe('x');
  expect(page.head.firstElementChild?.getAttribute('http-equiv')).toBe('Content-Security-Policy');
});

test.each([
  ['a style sheet', `<style>${'url('.repeat(250_000)}</style>x`], ['a style', `<p style="${'image-set('.repeat(200_000)}">x`], ['spaces', `<style>url(${' '.repeat(800_000)}#</style>x`],
])('%s of brackets that nobody closes is read before the test is given up', (_, html) => {
  expect(frameDocument(html, [])).not.toBeNull();
});

test.each([
  ['p{background:url(https://x.example/y.png)}', 'p{background:none}'], ['p{background:url( "data:image/png;base64,AA" )}', 'p{background:url( "data:image/png;base64,AA" )}'],
  ['p{fill:url( #a)}', 'p{fill:url( #a)}'], ['p{background:url(https://x.example/', 'p{background:none'],
])('of a style sheet %s is left %s', (css, expected) => {
  expect(styled(css)).toBe(expected);
});

test('a picture that is named very often is not shown everywhere', () => {
  const inline = [{ contentId: 'x', type: 'image/png', bytes: new Uint8Array(3 * 1024 * 1024) }];
  const made = frameDocument('<img src="cid:x">'.repeat(20), inline);
  expect(made?.srcdoc.toString().length).toBeLessThan(33 * 1024 * 1024);
  expect(made?.srcdoc.toString().match(/data:image\/png/g)?.length).toBe(7);
});

test('the text begins where the page wants it', () => {
  expect(frameDocument('x', [], 16)?.srcdoc.toString()).toContain('body{margin:16px 16px;');
});

test('a picture from outside leaves its name, in a box of ours', () => {
  const page = shown('<img src="https://x.example/y.png" alt="Blue rope" width="600">');
  expect(page.querySelector('img')?.outerHTML).toBe('<img alt="Blue rope" width="600">');
  expect(page.querySelector('style')?.textContent).toContain('img:not([src])::after{content:attr(alt)');
});
