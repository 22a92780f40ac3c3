import { Anchor } from '@mantine/core';
import { Fragment, useMemo } from 'react';
import { findLinks } from './links.ts';
import classes from './Reader.module.css';

/** Quoted lines stand back; addresses become links. */
export function TextBody({ text }: { text: string }) {
  const blocks = useMemo(() => inBlocks(text), [text]);
  return (
    <div className={classes.text} dir="auto">
      {blocks.map((block, index) => (
        <div key={index} className={block.isQuote ? classes.quote : undefined}>
          {findLinks(block.text).map((piece, place) => 'href' in piece
            ? <Anchor key={place} href={piece.href} target="_blank" rel="noopener noreferrer nofollow" underline="always" inherit>{piece.text}</Anchor>
            : <Fragment key={place}>{piece.text}</Fragment>)}
        </div>
      ))}
    </div>
  );
}

function inBlocks(text: string): { isQuote: boolean; text: string }[] {
  const blocks: { isQuote: boolean; lines: string[] }[] = [];
  for (const line of text.split(/\r?\n/)) {
    const isQuote = line.startsWith('>');
    const last = blocks.at(-1);
    if (last?.isQuote === isQuote) last.lines.push(line);
    else blocks.push({ isQuote, lines: [line] });
  }
  return blocks.map(({ isQuote, lines }) => ({ isQuote, text: lines.map(line => `${line}\n`).join('') }));
}
