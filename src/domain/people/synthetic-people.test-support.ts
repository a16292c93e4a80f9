import { SeededRandom } from '../../infrastructure/time/seeded-random.js'
import type { SeatHolder } from './duplicates.js'
import { nameKey } from './name-key.js'

/** The most common names first: they are drawn as often as common names are (Zipf). */
const FIRST = (
  'Maria Anna Ana Jose David Michael Daniel Laura Sofía Thomas Peter Paul Juan Carlos Elena Julia Lukas Emma Noah Mia ' +
  'Wei Li Mohammed Fatima Ahmed Ali Aisha Ivan Olga Sergey Natalia Priya Raj Amit Yuki Hiro Kenji Min-jun Ji-woo Zoë ' +
  'Chloé Léa Hugo Louis Giulia Marco Luca Francesca Piotr Agnieszka Łukasz Jürgen Björn Søren Åsa Nils Ingrid Aoife Sinéad Liam'
).split(' ')
const LAST = (
  'García Silva Müller Smith Wang Nguyen Kim Lee Singh Kumar Santos Rossi Martin Johnson Schmidt Ivanov Petrov Khan Chen ' +
  'Tanaka Sato Kowalski Nowak Andersson Jensen Larsen O’Brien Murphy Brown Jones Williams Taylor Fernández López Martínez ' +
  'Pérez Gómez Weber Fischer Meyer Wagner Becker Hoffmann Dubois Moreau Laurent Bernard Bianchi Ricci Costa Ferreira ' +
  'Oliveira Pereira Popescu Horváth Nagy Novák Svoboda Dvořák Yılmaz Kaya Demir Haddad Mansour Cohen Levi Ito Park Choi ' +
  'Abe Mori Okafor Mensah Diallo Traoré van-Dijk de-Vries Jansen Bakker'
).split(' ')
const CHANNELS = ['eventbrite', 'luma', 'meetup', 'DIRECT'] as const
/** Of those on two channels. */
const [SAME_ADDRESS, OTHER_SPELLING, SHORT_NAME] = [0.7, 0.15, 0.1]
const ON_TWO_CHANNELS = 0.15

/** People with seats on one channel, or two; the same numbers at every run. Meetup shows no addresses. */
export function syntheticPeople(size: number): { holders: SeatHolder[]; personOf: Map<string, string> } {
  const random = new SeededRandom(20_261)
  const holders: SeatHolder[] = []
  const personOf = new Map<string, string>()
  for (let person = 0; person < size; person++) {
    const [first, last] = [zipf(FIRST, random), zipf(LAST, random)]
    // A third of the people has a name of three words.
    const name = random.next() < 1 / 3 ? `${first} ${zipf(LAST, random)} ${last}` : `${first} ${last}`
    const from = Math.floor(random.next() * CHANNELS.length)
    const isTwice = random.next() < ON_TWO_CHANNELS
    const second = (from + 1 + Math.floor(random.next() * (CHANNELS.length - 1))) % CHANNELS.length
    const places = isTwice ? [from, second] : [from]
    const address = `person${person}@example.com`
    const sameAddress = random.next() < SAME_ADDRESS
    for (const [index, place] of places.entries()) {
      const channel = CHANNELS[place] ?? 'DIRECT'
      const id = `${person}-${index}`.padStart(8, '0')
      const shown = index === 0 ? name : respelt(name, random)
      const email = channel === 'meetup' ? null : index === 0 || sameAddress ? address : `other.${address}`
      const since = new Date(Date.UTC(2026, 0, 1) + Math.floor(random.next() * 1e9))
      holders.push({ id, channel, name: nameKey(shown), email, emailVerified: true, seats: 1, since })
      personOf.set(id, String(person))
    }
  }
  return { holders, personOf }
}

function respelt(name: string, random: SeededRandom): string {
  const words = name.split(' ')
  const drawn = random.next()
  if (drawn < SHORT_NAME) return words[0] ?? name
  if (drawn < SHORT_NAME + OTHER_SPELLING) return words.toReversed().join(' ').toUpperCase()
  return name
}

function zipf(names: readonly string[], random: SeededRandom): string {
  const weights = names.map((_, index) => 1 / (index + 10))
  let left = random.next() * weights.reduce((sum, weight) => sum + weight, 0)
  for (const [index, weight] of weights.entries()) if ((left -= weight) <= 0) return names[index] ?? ''
  return names.at(-1) ?? ''
}
