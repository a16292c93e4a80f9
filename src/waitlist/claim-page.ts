/** The token is behind the # of the page's URL, which no server receives, and is sent to the API only. */
export const CLAIM_PAGE = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Your tickets</title>
  <link rel="stylesheet" href="/claim/page.css">
  <script type="module" src="/claim/page.js"></script>
</head>
<body>
  <main>
    <h1 id="event">Your tickets</h1>
    <p id="status" role="status">Loading …</p>
    <form id="verify" hidden><button>Yes, this is my address</button></form>
    <form id="form" hidden>
      <div id="payment" hidden><p id="price"></p><div id="card"></div></div>
      <button>Get my tickets</button>
    </form>
    <ul id="tickets"></ul>
  </main>
</body>
</html>
`

export const CLAIM_STYLE = `body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff }
main { max-width: 34rem; margin: 10vh auto; padding: 0 1rem }
button, #card { display: block; margin: 1rem 0 }
#card { padding: .6rem; border: 1px solid #868e96; border-radius: .3rem; background: #fff }
#card:empty { display: none }
button { font: inherit; padding: .6rem 1.2rem; color: #fff; background: #1864ab; border: 0; border-radius: .3rem }
ul { list-style: none; padding: 0 }
img { width: 15rem; max-width: 100% }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #1a1a1a } img { background: #fff } }
`

export const CLAIM_SCRIPT = `import { qrImage } from '/ticket/qr.js'

const query = new URLSearchParams(location.hash.slice(1))
const api = '/api/v1/waitlist/' + encodeURIComponent(query.get('entry') ?? '')
const token = query.get('token') ?? ''
const verification = query.get('verify')
const element = (id) => document.getElementById(id)
const showStatus = (text) => { element('status').textContent = text }

async function request(path, options) {
  const response = await fetch(api + path, options)
  const body = await response.json()
  if (!response.ok) throw new Error(body.detail)
  return body
}

const LIBRARY = 'https://js.stripe.com/v3/'
let stripe = null
let card = null
let authenticating = false

function loadLibrary() {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script')
    script.src = LIBRARY
    script.addEventListener('load', resolve)
    script.addEventListener('error', () => reject(new Error('The card form could not be loaded. Please reload the page.')))
    document.head.append(script)
  })
}

/** Shows the price and the provider's own card form: card data never reaches this service. */
async function showPayment({ amount, currency, payment }) {
  element('payment').hidden = false
  const format = new Intl.NumberFormat(undefined, { style: 'currency', currency })
  element('price').textContent = format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits)
  if (payment.provider === 'none' || (payment.provider === 'stripe' && !payment.publishableKey)) {
    element('form').hidden = true
    throw new Error('This offer cannot be paid on this page. Please contact the organizer.')
  }
  if (payment.provider !== 'stripe' || stripe) return
  await loadLibrary()
  stripe = Stripe(payment.publishableKey)
  card = stripe.elements().create('card')
  card.mount('#card')
}

async function paymentToken() {
  if (!card) return 'simulated'
  const { paymentMethod, error } = await stripe.createPaymentMethod({ type: 'card', card })
  if (error) throw new Error(error.message)
  return paymentMethod.id
}

/** The buyer authenticates in a window of the provider (3-D Secure); the page then polls the payment as before. */
async function authenticate({ clientSecret }) {
  if (authenticating || !stripe) return
  authenticating = true
  const { error } = await stripe.handleNextAction({ clientSecret })
  if (error) showStatus(error.message)
}

function render(hold) {
  element('form').hidden = hold.state !== 'HELD'
  if (hold.state === 'HELD') showStatus('Reserved for you until ' + new Date(hold.expiresAt).toLocaleString() + '.')
  if (hold.state === 'PAYMENT_PENDING') showStatus('Your payment is being processed …')
  if (hold.state === 'PAYMENT_FAILED') showStatus('Your payment failed, so your reservation has ended.')
  if (hold.state === 'EXPIRED' || hold.state === 'RELEASED') showStatus('This offer is no longer available.')
  if (hold.state !== 'CONFIRMED') return
  showStatus('The tickets are yours. We have also sent them to you by e-mail.')
  element('tickets').replaceChildren(...hold.tickets.map(({ code, seat }) => {
    const item = document.createElement('li')
    item.append(seat ? 'Seat ' + seat + '  ' : '', code, document.createElement('br'))
    qrImage(code).then((image) => item.append(image), (error) => showStatus(error.message))
    return item
  }))
}

const tryRefresh = () => refresh().catch((error) => showStatus(error.message))

async function refresh() {
  const entry = await request('', { headers: { 'x-entry-token': token } })
  element('event').textContent = entry.quantity + ' × ' + entry.eventName
  if (!entry.offer) return showStatus('You have no open offer at the moment.')
  const { state, nextAction } = entry.offer
  render(entry.offer)
  if (entry.priced && (state === 'HELD' || nextAction)) await showPayment(entry)
  if (state !== 'PAYMENT_PENDING') return
  if (nextAction) authenticate(nextAction).catch((error) => showStatus(error.message))
  setTimeout(tryRefresh, 2000)
}

element('form').addEventListener('submit', async (event) => {
  event.preventDefault()
  const button = element('form').querySelector('button')
  button.disabled = true
  try {
    const payment = element('payment').hidden ? {} : { payment: { token: await paymentToken() } }
    const body = JSON.stringify({ token, ...payment })
    await request('/claim', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    await refresh()
  } catch (error) {
    showStatus(error.message)
  } finally {
    button.disabled = false
  }
})

function showPlace({ quantity, eventName, state, position }) {
  element('event').textContent = quantity + ' × ' + eventName
  if (state !== 'WAITING') return showStatus('This entry is not waiting any more.')
  showStatus('Your address is confirmed. You are number ' + position + ' on the waitlist. We write to you when tickets are available.')
}

// Confirmed by a person's click: programs that check mails open their links too.
element('verify').addEventListener('submit', async (event) => {
  event.preventDefault()
  const form = element('verify')
  form.hidden = true
  try {
    const body = JSON.stringify({ token: verification })
    showPlace(await request('/verify', { method: 'POST', headers: { 'content-type': 'application/json' }, body }))
  } catch (error) {
    form.hidden = false
    showStatus(error.message)
  }
})

if (verification === null) tryRefresh()
else {
  element('event').textContent = 'The waitlist'
  showStatus('Please confirm that this is your e-mail address.')
  element('verify').hidden = false
}
`
