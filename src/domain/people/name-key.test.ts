import { describe, expect, it } from 'vitest'
import { nameKey, NO_NAME, sortKey, wordsOf } from './name-key.js'

describe('The key of a name', () => {
  it.each([
    ['José  GARCÍA', 'jose garcia'],
    ['Jose\u0301 Garci\u0301a', 'jose garcia'],
    ["Sinéad O'Brien", 'sinead obrien'],
    ['Sinéad O’Brien', 'sinead obrien'],
    ['Jean-Luc  Smith', 'jean luc smith'],
    ['Łukasz Ørsted Straße', 'lukasz orsted strasse'],
    ['IŞIL Yıldız', 'isil yildiz'],
    ['Иван Петров', 'иван петров'],
    ['Мария Йорданова', 'мария иорданова'],
    ['ΆΝΝΑ', 'αννα'],
    ['王 小明', '王 小明'],
    ['ﾀﾅｶ', 'タナカ'],
    ['100% sure_thing\\', '100 sure thing'],
    ['…', ''],
    ['', ''],
  ])('of %j is %j', (name, key) => expect(nameKey(name)).toBe(key))

  it('contains a part of a syllable that is typed next', () => {
    expect(nameKey('김민준')).toContain(nameKey('김미'))
  })

  it('of a key is the key itself, and is bounded in any script', () => {
    for (const name of ['José García', '김민준', '\ufdfa'.repeat(200), '𝕬'.repeat(400)]) {
      const key = nameKey(name)
      expect(nameKey(key)).toBe(key)
      expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1_200)
    }
  })
})

describe('A search', () => {
  it('has the words of its text, without those that match everything', () => {
    expect(wordsOf('  garc JOSÉ ')).toEqual(['garc', 'jose'])
    expect(wordsOf('%_')).toEqual([])
  })
})

describe('A list by name', () => {
  it('ends with those whose name is not known', () => {
    const names = ['Zoë', null, '王', 'ada', '…', '😀']
    expect(names.map(sortKey).toSorted()).toEqual(['ada', 'zoe', '王', '😀', NO_NAME, NO_NAME])
  })
})
