/** `keys` are by event, `lists` by event and part; `queue` is in the order of what happened. */
type Store = 'keys' | 'lists' | 'queue' | 'conflicts'

const NAME = 'door'
const VERSION = 1
const BY_NUMBER = { autoIncrement: true, keyPath: 'id' }

let opened: Promise<IDBDatabase> | null = null

/** The database of the device. Rejects where the browser keeps none, as in some private windows. */
function database(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION)
    request.addEventListener('upgradeneeded', () => {
      request.result.createObjectStore('keys')
      request.result.createObjectStore('lists')
      request.result.createObjectStore('queue', BY_NUMBER)
      request.result.createObjectStore('conflicts', BY_NUMBER)
    })
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error ?? new Error('the database cannot be opened')))
  })
  return opened
}

/** One transaction: all of it is stored when the promise resolves, or nothing. */
async function transact<T>(
  stores: Store[],
  mode: IDBTransactionMode,
  work: (of: (store: Store) => IDBObjectStore) => IDBRequest<T> | void,
) {
  const transaction = (await database()).transaction(stores, mode)
  return new Promise<T | undefined>((resolve, reject) => {
    const request = work((store) => transaction.objectStore(store))
    transaction.addEventListener('complete', () => resolve(request?.result))
    transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('not stored')))
  })
}

export function load<T>(store: Store, key: IDBValidKey): Promise<T | undefined> {
  return transact<T>([store], 'readonly', (of) => of(store).get(key))
}

export async function loadAll<T>(store: Store): Promise<T[]> {
  return (await transact<T[]>([store], 'readonly', (of) => of(store).getAll())) ?? []
}

export async function keysOf(store: Store): Promise<string[]> {
  return ((await transact<IDBValidKey[]>([store], 'readonly', (of) => of(store).getAllKeys())) ?? []).map(String)
}

export async function save(store: Store, value: unknown, key?: IDBValidKey): Promise<void> {
  await transact([store], 'readwrite', (of) => void of(store).put(value, key))
}

/** Adds to a store by number; resolves with the number. */
export async function append(store: 'queue' | 'conflicts', value: object): Promise<number> {
  return Number(await transact([store], 'readwrite', (of) => of(store).add(value)))
}

export async function erase(store: Store, keys: readonly IDBValidKey[]): Promise<void> {
  await transact([store], 'readwrite', (of) => {
    for (const key of keys) of(store).delete(key)
  })
}

export async function eraseAll(): Promise<void> {
  const stores: Store[] = ['keys', 'lists', 'queue', 'conflicts']
  await transact(stores, 'readwrite', (of) => {
    for (const store of stores) of(store).clear()
  })
}
