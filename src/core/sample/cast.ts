import type { Rank } from '../permissions.ts'

export type SamplePerson = {
  /** The console's id of them. */
  user: string
  name: string
  department: 'IT' | 'OPS' | 'FINANCE' | 'CSM' | null
  rank: Rank
  admin?: boolean
  teams?: string[]
}

/** One of each department and of each rank, and a few more, so that nobody has to approve their own request. */
export const people: SamplePerson[] = [
  { user: 'ida', name: 'Ida Torres', department: 'IT', rank: 'oncall_engineer', teams: ['payments'] },
  { user: 'ivo', name: 'Ivo Lang', department: 'IT', rank: 'oncall_engineer', teams: ['platform'] },
  { user: 'olga', name: 'Olga Brandt', department: 'OPS', rank: 'user' },
  { user: 'finn', name: 'Finn Weber', department: 'FINANCE', rank: 'user' },
  { user: 'flora', name: 'Flora Rossi', department: 'FINANCE', rank: 'user' },
  { user: 'carla', name: 'Carla Mendes', department: 'CSM', rank: 'user' },
  { user: 'pat', name: 'Pat Plain', department: null, rank: 'user' },
  { user: 'vic', name: 'Vic Adler', department: null, rank: 'viewer' },
  { user: 'tess', name: 'Tess Novak', department: 'IT', rank: 'team_lead', teams: ['payments'] },
  { user: 'maya', name: 'Maya Okafor', department: null, rank: 'manager', teams: ['payments', 'platform'] },
  { user: 'vera', name: 'Vera Lind', department: null, rank: 'vp' },
  { user: 'chen', name: 'Chen Wu', department: null, rank: 'cto' },
  { user: 'ada', name: 'Ada Quist', department: null, rank: 'user', admin: true },
]

const rankTitles: Record<Rank, string> = {
  viewer: 'viewer',
  user: 'member',
  oncall_engineer: 'on-call engineer',
  team_lead: 'team lead',
  manager: 'manager',
  vp: 'VP',
  cto: 'CTO',
}

/** `IT · on-call engineer` */
export const titleOf = (person: { department: string | null; rank: Rank; admin: boolean }): string =>
  [person.department, person.admin ? 'administrator' : rankTitles[person.rank]].filter(Boolean).join(' · ')
