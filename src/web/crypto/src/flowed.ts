/** RFC 3676: lines that end in a space go on in the next one of the same quoting depth; a leading space was stuffed. */
export function unflow(text: string, parameters: Readonly<Record<string, string>>): string {
  const lines = text.replaceAll('\r\n', '\n');
  if (parameters['format']?.toLowerCase() !== 'flowed') return lines;
  const deleteSpace = parameters['delsp']?.toLowerCase() === 'yes';
  const paragraphs: { depth: number; text: string; flows: boolean }[] = [];
  for (const line of lines.split('\n')) {
    const depth = /^>*/.exec(line)?.[0].length ?? 0;
    const content = line.slice(depth).replace(/^ /, '');
    const flows = content.endsWith(' ') && content !== '-- '; // §4.3: the signature's mark is a line of its own
    const piece = flows && deleteSpace ? content.slice(0, -1) : content;
    const last = paragraphs.at(-1);
    if (last?.flows && last.depth === depth && content !== '-- ') {
      last.text += piece;
      last.flows = flows;
    } else paragraphs.push({ depth, text: piece, flows });
  }
  return paragraphs.map(({ depth, text: paragraph }) => depth > 0 ? `${'>'.repeat(depth)} ${paragraph}` : paragraph).join('\n');
}
