import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['*/test/**/*.test.{ts,tsx}', 'mail/src/**/*.test.{ts,tsx}'], environment: 'node', testTimeout: 60_000 },
});
