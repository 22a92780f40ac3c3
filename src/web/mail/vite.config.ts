import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { brotli } from './vite/brotli.ts';

export default defineConfig({
  plugins: [react(), brotli()],
  // The key worker loads its parts when it needs them.
  worker: { format: 'es' },
  server: { proxy: { '/api': 'http://localhost:8080' } },
});
