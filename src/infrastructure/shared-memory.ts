/**
 * Data of a server in memory that several processes share, as one of them reaches it. A command runs as a whole: no
 * other one sees it half done.
 */
export interface SharedMemory<Data> {
  /** Rejects while the server does not respond to this process. `run` changes whenever another server may hold the data. */
  read<T>(command: (data: Data, run: string) => T): Promise<T>
  /** As `read`, and rejects while the server accepts no writes. A rejected command may have been executed. */
  write<T>(command: (data: Data, run: string) => T): Promise<T>
  /** Whether `write` would succeed now. */
  isWritable(): boolean
  /** `listener` is called whenever the result of `isWritable` may have changed. */
  onChange(listener: () => void): void
}

/** Always reachable: for a single process. */
export function ownMemory<Data>(data: Data): SharedMemory<Data> {
  const execute = <T>(command: (data: Data, run: string) => T) =>
    new Promise<T>((resolve) => resolve(command(data, '')))
  return { read: execute, write: execute, isWritable: () => true, onChange: () => undefined }
}
