import './trustedTypes.ts';
import { createVault } from '@appliance/crypto';
import { start } from './start.tsx';

start(createVault);
