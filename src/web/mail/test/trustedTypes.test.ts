import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { rules } from '../src/trustedTypes.ts';

beforeEach(() => vi.stubGlobal('location', new URL('https://mail.example/inbox')));
afterEach(() => vi.unstubAllGlobals());

test.each(['<img src=x onerror=alert(1)>', 'a</style><script>', '<'])('markup is refused: %s', html => {
  expect(() => rules.createHTML(html)).toThrow(TypeError);
});

test('a style sheet passes', () => {
  expect(rules.createHTML('.a > .b { color: red }')).toBe('.a > .b { color: red }');
});

test.each(['/assets/worker-1.js', 'https://mail.example/assets/worker-1.js'])('our worker passes: %s', url => {
  expect(rules.createScriptURL(url)).toBe(url);
});

test.each(['https://evil.example/assets/x.js', '//evil.example/assets/x.js', 'data:text/javascript,1', 'blob:https://mail.example/1', '/assets/../api/x', '/api/mailboxes/x'])(
  'any other script is refused: %s',
  url => {
    expect(() => rules.createScriptURL(url)).toThrow(TypeError);
  },
);
