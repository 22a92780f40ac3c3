import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';

export const languages = ['en', 'zh'] as const;
export type Language = (typeof languages)[number];

const tagOf: Record<Language, string> = { en: 'en', zh: 'zh-Hans' };

/** For Intl: the region's own way to write dates, where the browser asks for one. */
export const localeOf = (language: Language): string => navigator.languages.find(tag => tag.startsWith(`${language}-`)) ?? tagOf[language];

const storageKey = 'language';

const isLanguage = (value: unknown): value is Language => languages.some(language => language === value);

/** What was chosen here before, else the first language of the browser's that we speak, else English. */
export function preferredLanguage(chosen: string | null, wanted: readonly string[]): Language {
  if (isLanguage(chosen)) return chosen;
  return wanted.map(tag => tag.split('-')[0]?.toLowerCase()).find(isLanguage) ?? 'en';
}

interface LanguageChoice { language: Language; setLanguage: (language: Language) => void }

const Context = createContext<LanguageChoice>({ language: 'en', setLanguage: () => undefined });

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(() => preferredLanguage(localStorage.getItem(storageKey), navigator.languages));
  useEffect(() => {
    document.documentElement.lang = tagOf[language];
  }, [language]);
  const choice = useMemo(() => ({
    language,
    setLanguage: (chosen: Language) => {
      localStorage.setItem(storageKey, chosen);
      setLanguage(chosen);
    },
  }), [language]);
  return <Context value={choice}>{children}</Context>;
}

export const useLanguage = (): LanguageChoice => useContext(Context);
