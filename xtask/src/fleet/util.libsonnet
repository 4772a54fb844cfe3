{
  slug(s):: std.join('', [if std.member('abcdefghijklmnopqrstuvwxyz0123456789-', c) then c else '-' for c in std.stringChars(std.asciiLower(s))]),
  flags(record, index):: std.foldl(function(acc, f) acc + { [f]: std.length(f) % 2 == index % 2 }, record.features, {}),
}
