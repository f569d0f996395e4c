/**
 * Where a bot that has not been spoken to reaches any tenant: each cloud has one such address, `https://HOST/teams/`
 * (learn.microsoft.com/microsoftteams, "Send proactive messages"). On the operator's own machine it is http.
 * @param listed TEAMS_SERVICE_HOSTS.
 */
export const globalServiceUrl = (listed: string[] | undefined): string => {
  const host = listed?.[0] ?? 'smba.trafficmanager.net'
  return `${/^(localhost|127\.|\[::1\])/.test(host) ? 'http' : 'https'}://${host}/teams/`
}
