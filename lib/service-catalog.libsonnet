// Questions to `service_catalog.json`, the list of who owns what.
local services = import '../service_catalog.json';

{
  service(name)::
    local found = [service for service in services if service.name == name];
    assert std.length(found) == 1 : '`%s` must be in service_catalog.json exactly once' % name;
    found[0],

  // Names of the services that a team may change: its own, and those that list it in `edit`.
  editableBy(team):: std.set([
    service.name
    for service in services
    if service.owner_group == team || std.member(std.get(service, 'edit', []), team)
  ]),

  // Names of the teams that own something.
  teams:: std.set([service.owner_group for service in services]),

  // A service of the team, of the many that say the same about its channel and its rota.
  anyOf(team):: [service for service in services if service.owner_group == team][0],

  all:: services,
}
