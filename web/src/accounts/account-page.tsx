import { Stack, Title } from '@mantine/core'
import { useMay } from '../api/session'
import { Customers } from './customers'
import { NewOperator } from './new-operator'
import { Operators } from './operators'
import { PersonalData } from './personal-data'
import { Sessions } from './sessions'

export default function AccountPage() {
  const admin = useMay('ADMIN')
  const operator = useMay('OPERATOR')
  return (
    <Stack>
      <Title order={1} size="h2">
        Users and sessions
      </Title>
      <Sessions />
      {operator ? <Customers /> : null}
      {admin ? <Operators /> : null}
      {admin ? <NewOperator /> : null}
      {admin ? <PersonalData /> : null}
    </Stack>
  )
}
