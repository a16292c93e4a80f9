/** The attached files of a mail as a server received it. */
export function filesOf(raw: string): { name: string; type: string; content: Buffer }[] {
  const boundary = /boundary="([^"]+)"/.exec(raw)?.[1]
  if (boundary === undefined) return []
  return raw.split(`--${boundary}`).flatMap((part) => {
    const [head = '', ...body] = part.trimStart().split('\n\n')
    const [, name] = /filename="?([^";\n]+)/.exec(head) ?? []
    const [, type = ''] = /Content-Type: ([^;\n]+)/i.exec(head) ?? []
    if (name === undefined) return []
    const text = body.join('\n\n')
    const content = /Content-Transfer-Encoding: base64/i.test(head) ? Buffer.from(text, 'base64') : Buffer.from(text)
    return [{ name, type, content }]
  })
}
