-- Folds a text for keyword filters. U+0003 marks the apostrophes that join a word; all others
-- separate two words. Apostrophes inside words join ("п'ять", "aujourd'hui", "j'ai"), except after
-- an elided word before a longer one ("l'élection", "j'adore", "dell'AI"): what is short there is
-- most often a form of to have or to be, an article or a pronoun.
CREATE OR REPLACE FUNCTION posts_normalize_for_filters(words text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN common_fold_text(CASE
    WHEN words !~ '[[:alnum:]][''\u00b4\u2018\u2019\u201b\u02bc\uff07][[:alnum:]]' COLLATE pg_unicode_fast
    THEN words
    ELSE regexp_replace(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    normalize(words, NFC),
                    '(?<=[[:alnum:]])[''\u00b4\u2018\u2019\u201b\u02bc\uff07](?=[[:alnum:]])' COLLATE pg_unicode_fast,
                    U&'\0003',
                    'g'
                ),
                '\m(j|n|m|t|s|c|ç|v|qu|lorsqu|puisqu|quoiqu|dov|com|cos|anch)\x03(?=[[:alpha:]]{4})'
                COLLATE pg_unicode_fast,
                '\1''',
                'gi'
            ),
            '\m(l|d|dell|nell|all|dall|sull|coll|quell|quest|un|gl|bell|sant)\x03'
            '(?=[[:alpha:]]{3})(?!(?:une|est|ont|uno|una)\M)' COLLATE pg_unicode_fast,
            '\1''',
            'gi'
        ),
        '\m(l|L|L|d|D|D|dell|Dell|DELL|nell|Nell|NELL|all|All|ALL|dall|'
        'Dall|DALL|sull|Sull|SULL|coll|Coll|COLL|quell|Quell|QUELL|'
        'quest|Quest|QUEST|un|Un|UN|gl|Gl|GL|bell|Bell|BELL|sant|Sant|'
        'SANT)\x03'
        '(?=[[:upper:]]{2})' COLLATE pg_unicode_fast,
        '\1''',
        'g'
    )
END);
