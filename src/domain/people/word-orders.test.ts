import { expect, it } from 'vitest'
import { wordOrders } from './word-orders.js'

it.each([
  ['ada', ['ada']],
  ['ada king', ['ada king', 'king ada']],
  ['ada ada', ['ada ada']],
  ['a b c', ['a b c', 'a c b', 'b a c', 'b c a', 'c a b', 'c b a']],
  ['a b c d e', ['a b c d e', 'e d c b a']],
])('the words of %j are searched in these orders', (name, orders) => expect(wordOrders(name)).toEqual(orders))
