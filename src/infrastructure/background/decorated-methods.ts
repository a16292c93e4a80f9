import { Injectable } from '@nestjs/common'
import { DiscoveryService, MetadataScanner } from '@nestjs/core'

/** A method of a provider, with the options of one of its decorators. */
export interface DecoratedMethod<Options> {
  provider: object
  /** `Class.method`, for messages and as a name. */
  declaredBy: string
  options: Options
  call: (argument: unknown) => unknown
}

/** Marks a method; a method may be marked several times under one key. */
export function markMethod(key: symbol, method: object, options: object): void {
  const marks = (Reflect.getOwnMetadata(key, method) as object[] | undefined) ?? []
  Reflect.defineMetadata(key, [...marks, options], method)
}

/** Finds the marked methods of all providers. Usable once they are instantiated, that is from `onModuleInit` on. */
@Injectable()
export class DecoratedMethods {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** `Options` is what the decorator of this key stores. */
  find<Options>(key: symbol): DecoratedMethod<Options>[] {
    return [...this.instances()].flatMap((provider) =>
      this.scanner.getAllMethodNames(Object.getPrototypeOf(provider) as object | null).flatMap((name) => {
        const method = (provider as Record<string, unknown>)[name]
        if (typeof method !== 'function') return []
        return ((Reflect.getOwnMetadata(key, method) as Options[] | undefined) ?? []).map((options) => ({
          provider,
          declaredBy: `${provider.constructor.name}.${name}`,
          options,
          call: (argument: unknown): unknown => method.call(provider, argument),
        }))
      }),
    )
  }

  /** Each once, also if it is provided under several tokens. */
  private instances(): Set<object> {
    const found = new Set<object>()
    for (const { instance } of this.discovery.getProviders() as { instance: unknown }[])
      if (typeof instance === 'object' && instance !== null) found.add(instance)
    return found
  }
}
