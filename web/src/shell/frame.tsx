import { AppShell, Badge, Burger, Button, Group, NavLink, Text, useMantineColorScheme } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { useAlerts } from '../api/queries'
import { AttentionBar } from '../attention/attention-bar'
import type { Session } from '../api/session'
import { useConnection } from '../api/stream'
import { linkTo, useRoute } from '../ui/route'
import { GROUND } from '../ui/state-badge'
import { DemoBanner } from './demo-banner'
import { ModeBanner } from './mode-banner'
import { signOut } from './sign-out'

/** Header, navigation and the state of the whole system around every page. */
export function Frame({ user, children }: { user: Session['user']; children: ReactNode }) {
  const page = useRoute().join('/')
  // Opened for one page only: going to another closes it.
  const [openedOn, setOpenedOn] = useState<string | null>(null)
  const opened = openedOn === page
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 210, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding="md"
    >
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group wrap="nowrap" gap="sm">
            <Burger
              opened={opened}
              onClick={() => setOpenedOn(opened ? null : page)}
              hiddenFrom="sm"
              size="sm"
              aria-label="Navigation"
              aria-expanded={opened}
            />
            <Text component="a" href={linkTo()} fw={700} className="brand">
              Traffic Police
            </Text>
          </Group>
          <ConnectionBadge />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Main">
        <Navigation section={page.split('/')[0] ?? ''} />
        <User user={user} />
      </AppShell.Navbar>
      <AppShell.Main>
        <DemoBanner />
        <ModeBanner />
        <AttentionBar />
        {children}
      </AppShell.Main>
    </AppShell>
  )
}

function Navigation({ section }: { section: string }) {
  const open = useAlerts().data?.items.length ?? 0
  const links = [
    { to: '', label: 'Overview', also: 'events' },
    { to: 'alerts', label: 'Alerts', count: open },
    { to: 'system', label: 'System' },
    { to: 'account', label: 'Users' },
  ]
  return (
    <AppShell.Section grow>
      {links.map(({ to, label, also, count }) => (
        <NavLink
          key={label}
          href={linkTo(...(to ? [to] : []))}
          label={label}
          active={section === to || section === also}
          variant="light"
          rightSection={
            count ? (
              <Badge color={GROUND.bad} aria-label={`${count} open`}>
                {count}
              </Badge>
            ) : null
          }
        />
      ))}
    </AppShell.Section>
  )
}

function User({ user }: { user: Session['user'] }) {
  const { setColorScheme, colorScheme } = useMantineColorScheme()
  const next = { auto: 'light', light: 'dark', dark: 'auto' } as const
  return (
    <AppShell.Section px="sm" pb="xs">
      <Text size="sm" fw={500} truncate title={user.email}>
        {user.name}
      </Text>
      <Text size="xs" c="dimmed" mb="xs">
        {user.role.toLowerCase()}
      </Text>
      <Group gap="xs">
        <Button size="xs" variant="default" onClick={() => setColorScheme(next[colorScheme])}>
          Colours: {colorScheme}
        </Button>
        <Button size="xs" variant="default" onClick={() => void signOut()}>
          Sign out
        </Button>
      </Group>
    </AppShell.Section>
  )
}

function ConnectionBadge() {
  const live = useConnection() === 'live'
  const description = live ? 'Updates live' : 'No event stream: the page polls every 5 seconds'
  return (
    <Badge color={live ? GROUND.good : GROUND.warn} variant="filled" tt="none" title={description} role="status">
      {live ? 'Live' : 'Polling'}
    </Badge>
  )
}
