import { Injectable } from '@nestjs/common'

/**
 * Whether this process takes part in the work of the installation. Out of service it answers, and reports why; it holds
 * no lock, works on no job and admits no sale.
 */
@Injectable()
export class ServiceState {
  private reason: string | null = null

  /** Names this instance and what is wrong with it; null: in service. */
  get outOfService(): string | null {
    return this.reason
  }

  /** Null puts it back into service. */
  takeOut(reason: string | null): void {
    this.reason = reason
  }
}
