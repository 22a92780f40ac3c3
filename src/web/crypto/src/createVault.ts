import { connect } from './rpc.ts';
import type { Vault } from './vault.ts';
import workerUrl from './worker.ts?worker&url';

/** Not yet in TypeScript's DOM library (https://w3c.github.io/trusted-types). */
declare const trustedTypes: { createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): string } } | undefined;

/** Starts the worker that holds the keys. The page's policy lets no other script URL be made. */
export function createVault(): Vault {
  const policy = typeof trustedTypes === 'undefined' ? undefined : trustedTypes.createPolicy('appliance', { createScriptURL: onlyTheWorker });
  return connect(new Worker(policy?.createScriptURL(workerUrl) ?? workerUrl, { type: 'module', name: 'vault' }));
}

function onlyTheWorker(url: string): string {
  if (url !== workerUrl) throw new TypeError(`${url} is not the vault’s worker.`);
  return url;
}
