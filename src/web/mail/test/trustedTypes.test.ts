import { expect, test } from 'vitest';
import { rules } from '../src/trustedTypes.ts';

test.each(['<img src=x onerror=alert(1)>', 'a</style><script>', '<'])('markup is refused: %s', html => {
  expect(() => rules.createHTML(html)).toThrow(TypeError);
});

test('a style sheet passes', () => {
  expect(rules.createHTML('.a > .b { color: red }')).toBe('.a > .b { color: red }');
});
