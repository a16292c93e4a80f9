/** The token stays in the address of the page and goes nowhere but to the API. */
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
    <p id="status" role="status">One moment …</p>
    <form id="form" hidden>
      <label id="payment" hidden>Payment token <input name="token" autocomplete="off" maxlength="500"></label>
      <button>Take them</button>
    </form>
    <ul id="tickets"></ul>
  </main>
</body>
</html>
`

export const CLAIM_STYLE = `body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff }
main { max-width: 34rem; margin: 10vh auto; padding: 0 1rem }
label, button { display: block; margin: 1rem 0 }
button { font: inherit; padding: .6rem 1.2rem; color: #fff; background: #1864ab; border: 0; border-radius: .3rem }
ul { list-style: none; padding: 0 }
img { width: 15rem; max-width: 100% }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #1a1a1a } img { background: #fff } }
`

export const CLAIM_SCRIPT = `const query = new URLSearchParams(location.search)
const api = '/api/v1/waitlist/' + encodeURIComponent(query.get('entry') ?? '')
const token = query.get('token') ?? ''
const find = (id) => document.getElementById(id)
const say = (text) => { find('status').textContent = text }

async function ask(path, options) {
  const response = await fetch(api + path, options)
  const body = await response.json()
  if (!response.ok) throw new Error(body.detail)
  return body
}

function show(hold) {
  find('form').hidden = hold.state !== 'HELD'
  if (hold.state === 'HELD') say('Yours until ' + new Date(hold.expiresAt).toLocaleString() + ', if you take them.')
  if (hold.state === 'PAYMENT_PENDING') say('Your payment is on its way …')
  if (hold.state === 'PAYMENT_FAILED') say('The payment was not made. The tickets go to the next in line.')
  if (hold.state === 'EXPIRED' || hold.state === 'RELEASED') say('The offer is over.')
  if (hold.state !== 'CONFIRMED') return
  say('They are yours. We have sent them to you by mail, too.')
  find('tickets').replaceChildren(...hold.tickets.map(({ code, seat }) => {
    const item = document.createElement('li')
    const picture = document.createElement('img')
    picture.src = '/api/v1/tickets/by-code/qr.svg?code=' + encodeURIComponent(code)
    picture.alt = 'Ticket ' + code
    item.append(seat ? 'Seat ' + seat + '  ' : '', code, document.createElement('br'), picture)
    return item
  }))
}

async function look() {
  const entry = await ask('?token=' + encodeURIComponent(token))
  find('event').textContent = entry.quantity + ' × ' + entry.eventName
  find('payment').hidden = !entry.priced
  if (!entry.offer) return say('There is no offer for you at the moment.')
  show(entry.offer)
  if (entry.offer.state === 'PAYMENT_PENDING') setTimeout(() => look().catch((error) => say(error.message)), 2000)
}

find('form').addEventListener('submit', async (event) => {
  event.preventDefault()
  const payment = find('form').elements.token.value.trim()
  const body = JSON.stringify({ token, ...(payment ? { payment: { token: payment } } : {}) })
  try {
    await ask('/claim', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    await look()
  } catch (error) {
    say(error.message)
  }
})

look().catch((error) => say(error.message))
`
