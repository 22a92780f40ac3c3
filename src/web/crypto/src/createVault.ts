import { connect } from './rpc.ts';
import type { Vault } from './vault.ts';

/** Starts the worker that holds the keys. */
export function createVault(): Vault {
  return connect(new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'vault' }));
}
