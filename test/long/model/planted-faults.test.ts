import fc, { type IAsyncProperty } from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { allocated } from '../../../src/domain/stock/ledger-account.js'
import { DIRECT } from '../../../src/domain/channel.js'
import { LatePayments } from '../../../src/payments/processing/late-payments.js'
import { OpenStockTransaction, type PostRequest } from '../../../src/stock/stock-transaction.js'
import { Sales } from '../../support/fixtures/sales.js'
import { HOLD_RUNS, holdProperty, peopleOf } from '../../support/model/hold-property.js'
import { runs } from '../../support/model/model-run.js'
import { PAYMENT_RUNS, paymentProperty } from '../../support/model/payment-property.js'
import { StripeServer } from '../../support/servers/stripe.js'

/** Negative controls: with a fault in the service, the models find it within the runs that they have. */
let stripe: StripeServer
let sales: Sales

beforeAll(async () => {
  stripe = await StripeServer.start()
  sales = await Sales.start({ env: stripe.env })
})

afterEach(() => vi.restoreAllMocks())

afterAll(async () => {
  await sales?.stop()
  await stripe?.stop()
})

/** Without shrinking. */
async function expectFailure<Ts>(property: IAsyncProperty<Ts>, numRuns: number): Promise<void> {
  const { failed, errorInstance } = await fc.check(property, { ...runs(numRuns), endOnFailure: true })
  expect({ failed, error: String(errorInstance) }).toEqual({ failed: true, error: expect.stringMatching(/expected/) })
}

/** Changes what operations of holds post. */
function changeHoldPostings(change: (request: PostRequest) => PostRequest): void {
  const { postAll } = OpenStockTransaction.prototype
  vi.spyOn(OpenStockTransaction.prototype, 'postAll').mockImplementation(function (
    this: OpenStockTransaction,
    requests,
  ) {
    return postAll.call(
      this,
      requests.map((request) => (request.id?.startsWith('hold:') ? change(request) : request)),
    )
  })
}

describe('The models of holds and payments find', () => {
  it('that a late payment is ignored', async () => {
    vi.spyOn(LatePayments.prototype, 'sellOrMarkRefundDue').mockResolvedValue('ALREADY_DECIDED')
    await expectFailure(paymentProperty(sales, stripe), PAYMENT_RUNS)
  })

  it('that units of the safety stock return to the direct channel', async () => {
    changeHoldPostings((request) => ({
      ...request,
      postings: request.postings.map((posting) =>
        posting.destination === 'SAFETY' ? { ...posting, destination: allocated(DIRECT) } : posting,
      ),
    }))
    await expectFailure(holdProperty(sales, await peopleOf(sales)), HOLD_RUNS)
  })

  it('that the units of an ended hold stay held', async () => {
    changeHoldPostings((request) =>
      /:(released|expired)$/.test(request.id ?? '') ? { ...request, postings: [] } : request,
    )
    await expectFailure(holdProperty(sales, await peopleOf(sales)), HOLD_RUNS)
  })
})
