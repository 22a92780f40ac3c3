import { Anchor } from '@mantine/core';
import { Fragment, useMemo } from 'react';
import { findLinks, type TextPiece } from './links.ts';
import classes from './Reader.module.css';

/** Elements cost a page far more than characters: with more of them than anybody writes, the rest is shown as one. */
const mostElements = 5_000;

/** Quoted lines stand back; addresses become links. */
export function TextBody({ text }: { text: string }) {
  const blocks = useMemo(() => inBlocks(text), [text]);
  return (
    <div className={classes.text} dir="auto">
      {blocks.map((block, index) => (
        <div key={index} className={block.isQuote ? classes.quote : undefined}>
          {block.pieces.map((piece, place) => 'href' in piece
            ? (
              <Fragment key={place}>
                <Anchor href={piece.href} target="_blank" rel="noopener noreferrer nofollow" underline="always" inherit><bdi dir="ltr">{piece.text}</bdi></Anchor>
                {piece.host !== null && <bdi className={classes.host}> ({piece.host})</bdi>}
              </Fragment>
            )
            : <Fragment key={place}>{piece.text}</Fragment>)}
        </div>
      ))}
    </div>
  );
}

function inBlocks(text: string): { isQuote: boolean; pieces: TextPiece[] }[] {
  const blocks: { isQuote: boolean; lines: string[] }[] = [];
  for (const line of text.split(/\r?\n/)) {
    const isQuote = line.startsWith('>');
    const last = blocks.at(-1);
    if (last && (last.isQuote === isQuote || blocks.length >= mostElements)) last.lines.push(line);
    else blocks.push({ isQuote, lines: [line] });
  }
  let left = mostElements;
  return blocks.map(({ isQuote, lines }) => {
    const pieces = findLinks(lines.map(line => `${line}\n`).join(''), left);
    left -= pieces.length;
    return { isQuote, pieces };
  });
}
