export type * from './vault.ts';
export { createVault } from './createVault.ts';
