-- Folds a text for search: as `common_fold_text`, and without accents. `common.text_folding`
-- (`fold_accents`) does the same in Python; a test compares the two.
CREATE OR REPLACE FUNCTION search_normalize(words text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE
    -- ASCII, which most texts are, needs none of it.
    WHEN octet_length(words) = length(words) THEN lower(words COLLATE pg_unicode_fast)
    ELSE normalize(
        replace(
            replace(
                replace(
                    translate(
                        regexp_replace(
                            normalize(common_fold_text(words), NFD),
                            '[\u0300-\u036f\u0483-\u0487]+',
                            '',
                            'g'
                        ),
                        'øłđðħŧ',
                        'olddht'
                    ),
                    'æ',
                    'ae'
                ),
                'œ',
                'oe'
            ),
            'þ',
            'th'
        ),
        NFC
    )
END;
