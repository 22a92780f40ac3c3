import { Button, Text } from '@mantine/core';
import { useTexts } from '../texts/index.ts';
import { EntryFrame } from './EntryFrame.tsx';

/** Without a secure context the browser has no WebCrypto (W3C Web Cryptography §4), and nothing here could work. */
export const isContextSecure = (): boolean => window.isSecureContext && 'subtle' in crypto;

export function InsecurePage() {
  const t = useTexts();
  return (
    <EntryFrame title={t.insecure.title} lead={t.insecure.why}>
      <Text mb="lg">{t.insecure.what}</Text>
      {location.protocol === 'http:' && <Button component="a" href={`https://${location.host}${location.pathname}${location.hash}`}>{t.insecure.open}</Button>}
    </EntryFrame>
  );
}
