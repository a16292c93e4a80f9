import { describe, expect, it } from 'vitest'
import { csvOf } from './csv.js'

async function linesOf(...cells: (string | number | bigint | Date | null)[]): Promise<string> {
  const batches = async function* () {
    yield cells.map((cell) => ({ cell, other: 'x' }))
  }
  let text = ''
  for await (const part of csvOf(['other', 'cell'], batches())) text += part
  return text
}

describe('csvOf', () => {
  it('writes columns by name, numbers, dates and nothing for null', async () => {
    const text = await linesOf('a', -1, 2n, new Date(0), null, '')
    expect(text).toBe('other,cell\r\nx,a\r\nx,-1\r\nx,2\r\nx,1970-01-01T00:00:00.000Z\r\nx,\r\nx,\r\n')
  })

  it('quotes commas, quotes and single line breaks', async () => {
    expect(await linesOf('a,b', 'a"b', 'a\nb', 'a\rb')).toBe(
      'other,cell\r\nx,"a,b"\r\nx,"a""b"\r\nx,"a\nb"\r\nx,"a\rb"\r\n',
    )
  })

  it('disarms formulas behind separators of other countries, and quotes cells that contain them', async () => {
    expect(await linesOf("x;=cmd|'/C calc'!A0", 'a; "+1', 'a\t@b', 'a\n=1', 'a, -1', 'a;b', 'a;1=2')).toBe(
      'other,cell\r\nx,"x;\'=cmd|\'/C calc\'!A0"\r\nx,"a;\' ""+1"\r\nx,a\t\'@b\r\nx,"a\n\'=1"\r\nx,"a,\' -1"\r\nx,"a;b"\r\nx,"a;1=2"\r\n',
    )
  })

  it('needs time in proportion to the length of a cell', async () => {
    const started = performance.now()
    for (const part of ['\t', '"', ';', '; ', ' =', '\n']) await linesOf(part.repeat(200_000))
    expect(performance.now() - started).toBeLessThan(3_000)
  })

  it('disarms formulas, also after leading spaces and quotes', async () => {
    expect(await linesOf('=1', ' +1', "'-1", '"@x', '＝1', '\t1', 'a=1')).toBe(
      "other,cell\r\nx,'=1\r\nx,' +1\r\nx,''-1\r\nx,\"'\"\"@x\"\r\nx,'＝1\r\nx,'\t1\r\nx,a=1\r\n",
    )
  })
})
