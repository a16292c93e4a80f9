/** For priced events without a currency. */
export const DEFAULT_CURRENCY = 'EUR'

/** The largest amount of one payment, in the smallest unit of its currency: eight digits. */
export const MAX_AMOUNT = 99_999_999

/** Currencies in which cards can be charged: ISO 4217, without those that are no longer in use. */
const CURRENCIES = new Set(
  (
    'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP CNY ' +
    'COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK ' +
    'JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR ' +
    'MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SOS ' +
    'SRD STN SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XOF XPF YER ZAR ZMW'
  ).split(' '),
)

/** In which the last digit has to be 0: cards are charged in hundredths. */
const THREE_DECIMALS = ['BHD', 'JOD', 'KWD', 'OMR', 'TND']

/** The smallest amount of a payment by card, where there is one, in the smallest unit of the currency. */
const MIN_CARD_AMOUNT: Readonly<Record<string, number>> = {
  AED: 200,
  AUD: 50,
  BGN: 100,
  BRL: 50,
  CAD: 50,
  CHF: 50,
  CZK: 1_500,
  DKK: 250,
  EUR: 50,
  GBP: 30,
  HKD: 400,
  HUF: 17_500,
  INR: 50,
  JPY: 50,
  MXN: 1_000,
  MYR: 200,
  NOK: 300,
  NZD: 50,
  PLN: 200,
  RON: 200,
  SEK: 300,
  SGD: 50,
  THB: 1_000,
  USD: 50,
}

export function isCurrency(code: string): boolean {
  return CURRENCIES.has(code)
}

/** Why tickets of this price cannot be paid by card; null: they can. `priceCents`: in the smallest unit of the currency. */
export function cardPriceProblem(priceCents: number, currency: string): string | null {
  if (priceCents === 0) return null
  const least = MIN_CARD_AMOUNT[currency] ?? 1
  if (priceCents < least) return `must be 0 or at least ${least} in ${currency}: smaller amounts cannot be paid by card`
  if (THREE_DECIMALS.includes(currency) && priceCents % 10 !== 0) return `must end in 0 in ${currency}`
  return null
}

/** `EUR 15.00`; currencies without a minor unit have no decimals. `amount`: in the smallest unit. */
export function money(amount: number | bigint, currency: string): string {
  const format = new Intl.NumberFormat('en-GB', { style: 'currency', currency, currencyDisplay: 'code' })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2
  return format.format(Number(amount) / 10 ** digits)
}
