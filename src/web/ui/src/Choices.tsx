import { type MantineColorScheme, SegmentedControl, useMantineColorScheme } from '@mantine/core';
import { type Language, useLanguage } from './language.tsx';

const languageNames: Record<Language, string> = { en: 'English', zh: '中文' };

export function LanguageChoice({ label }: { label: string }) {
  const { language, setLanguage } = useLanguage();
  return (
    <SegmentedControl
      size="xs"
      aria-label={label}
      value={language}
      onChange={setLanguage}
      data={(['en', 'zh'] as const).map(value => ({ value, label: <span lang={value}>{languageNames[value]}</span> }))}
    />
  );
}

export function ColorSchemeChoice({ label, names }: { label: string; names: Record<MantineColorScheme, string> }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      size="xs"
      aria-label={label}
      value={colorScheme}
      onChange={setColorScheme}
      data={(['auto', 'light', 'dark'] as const).map(value => ({ value, label: names[value] }))}
    />
  );
}
