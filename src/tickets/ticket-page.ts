/** A ticket as linked in mails. Its code is behind the # of the page's URL, which no server receives. */
export const TICKET_PAGE = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Your ticket</title>
  <link rel="stylesheet" href="/ticket/page.css">
  <script type="module" src="/ticket/page.js"></script>
</head>
<body>
  <main>
    <h1>Your ticket</h1>
    <p id="code"></p>
    <p id="status" role="status">Loading …</p>
    <div id="image"></div>
  </main>
</body>
</html>
`

export const TICKET_STYLE = `body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff }
main { max-width: 34rem; margin: 10vh auto; padding: 0 1rem }
img { width: 20rem; max-width: 100%; background: #fff }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #1a1a1a } }
`

/** Also imported by the page of a waitlist offer. */
export const QR_SCRIPT = `export async function qrImage(code) {
  const response = await fetch('/api/v1/tickets/by-code/qr.svg', { headers: { 'x-ticket-code': code } })
  if (!response.ok) throw new Error((await response.json()).detail)
  const image = document.createElement('img')
  image.src = 'data:image/svg+xml,' + encodeURIComponent(await response.text())
  image.alt = 'QR code for ticket ' + code
  return image
}
`

export const TICKET_SCRIPT = `import { qrImage } from '/ticket/qr.js'

const element = (id) => document.getElementById(id)
const code = decodeURIComponent(location.hash.slice(1))

element('code').textContent = code
try {
  element('image').append(await qrImage(code))
  element('status').textContent = 'Please show this code at the door.'
} catch (error) {
  element('status').textContent = error.message
}
`
