import { formatFullDate, localeOf, useLanguage } from '@appliance/ui';
import { Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';
import { remaining, untilNext } from './remaining.ts';

/** What a message has left, ticking by itself; the exact time on a closer look. */
export function Countdown({ at }: { at: string }) {
  const { language } = useLanguage();
  const end = new Date(at);
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setTimeout(() => setNow(new Date()), untilNext(new Date(at), now));
    return () => clearTimeout(timer);
  }, [at, now]);
  return <Tooltip label={formatFullDate(end, language)}><time dateTime={at}>{remaining(end, now, localeOf(language))}</time></Tooltip>;
}
