import { type Language, useLanguage } from '@appliance/ui';
import { en, type Texts } from './en.ts';
import { zh } from './zh.ts';

export type { Texts };

const dictionaries: Record<Language, Texts> = { en, zh };

export const useTexts = (): Texts => dictionaries[useLanguage().language];
